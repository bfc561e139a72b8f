"""What stands between the outside and the services.

A request is read (`heads`), placed on the map (`routes`), counted (`limits`), known (`access`), and answered from
memory (`cache`) or by a service (`upstream`, `forward`). `protocol` does the same for the ordinary public read
before aiohttp has parsed anything; `forward` is its plain twin.
"""
