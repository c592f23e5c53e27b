"""A run in words and on paper: questions, answers, limits and glossary, set as a web page and as a Word document."""
