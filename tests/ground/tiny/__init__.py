"""A project as small as can be supervised: it answers, and says how it was started."""
