"""Files to validated frames: reading, schemas, filters, derived columns, aggregation over lesions."""
