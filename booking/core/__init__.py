"""Pure values shared by everything: periods, hours, errors, the actor. Imports only itself."""
