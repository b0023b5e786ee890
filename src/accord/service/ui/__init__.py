"""How it looks: base templates, components, css, template tags, forms made from instruments. It knows no rows."""
