"""Tables of claims, as spreadsheets and meta-analyses have them: read into ledgers, and written."""
