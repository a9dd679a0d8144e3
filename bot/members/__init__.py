"""What is kept of members: who was seen, what is forgotten on demand, what is handed out."""
