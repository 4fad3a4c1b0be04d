"""The forms of the editors. They check shape; meaning is for the actions."""
