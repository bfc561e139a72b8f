"""How Machipo is run: on one machine (local), in images, with Compose and on Kubernetes."""
