"""callsheet: the make and the terraform plan of generative film."""

__version__ = "0.1.0"
