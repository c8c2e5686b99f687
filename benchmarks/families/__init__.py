"""How well the generic reader does on sites whose family it is not told: leave-one-family-out figures."""
