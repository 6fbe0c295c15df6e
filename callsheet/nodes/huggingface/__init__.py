"""The provider Hugging Face: fal's queue protocol, through Hugging Face's router or directly at fal."""
