"""What training did to each example, logged from any training loop."""
