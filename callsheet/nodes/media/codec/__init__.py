"""Reading and writing pictures, video and sound through PyAV and Pillow."""
