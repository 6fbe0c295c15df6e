"""Hugging Face Inference Providers: the same queue protocol, through Hugging Face's router or directly."""
