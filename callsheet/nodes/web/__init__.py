"""What a request over the internet needs around it: who may be spoken to, how much is read, what is shown."""
