"""Makes runs happen: scheduler, dispatcher, rescuer, retention, heartbeat."""
