"""What every view of the API shares. Import from its modules.

``views`` is the base class, ``serializers`` the wire's shape, ``lists`` the cursor,
``openapi`` the description; the rest is used by those.
"""
