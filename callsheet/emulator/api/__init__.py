"""What the emulator answers: one module for each part of the provider's interface."""
