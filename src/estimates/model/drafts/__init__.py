"""What an article says in figures: its text, its sentences, and a wording and speaker for each."""
