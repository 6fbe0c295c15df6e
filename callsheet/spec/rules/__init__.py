"""Every rule of the language: its code, what it says, and the text of each message about it, by subject."""
