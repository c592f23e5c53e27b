"""One module per question a trial team asks: DataFrame in, frozen result out."""
