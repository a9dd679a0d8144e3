"""How the running bot is watched: /metrics, /healthz, and `chatelier top`."""
