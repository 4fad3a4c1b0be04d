"""How people agree, whatever they agree to."""
