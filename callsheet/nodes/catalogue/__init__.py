"""What is known of models: generated facts about every endpoint, and hand knowledge that wins over them."""
