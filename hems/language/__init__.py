"""The languages: English words as they stand in the code, and their catalogues."""
