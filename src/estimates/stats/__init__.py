"""Arrays in, arrays out: statistics that know nothing of models or claims."""
