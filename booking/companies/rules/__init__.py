"""What places, parties and labs may hold: decided from plain values."""
