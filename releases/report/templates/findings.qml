<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
{% macro options(values) %}<Option type="Map">{% for name, value in values.items() %}<Option name="{{ name }}" type="QString" value="{{ value }}"/>{% endfor %}</Option>{% for name, value in values.items() %}<prop k="{{ name }}" v="{{ value }}"/>{% endfor %}{% endmacro %}
{% macro marker(sign, name) %}<symbol name="{{ name }}" type="marker" alpha="1" clip_to_extent="1" force_rhr="0"><layer class="SimpleMarker" enabled="1" pass="0" locked="0">{{ options({"color": sign.colour ~ ",255", "name": sign.shape, "outline_color": "255,255,255,255", "outline_style": "solid", "outline_width": "0.3", "outline_width_unit": "MM", "size": "3.4", "size_unit": "MM", "scale_method": "diameter"}) }}</layer></symbol>{% endmacro %}
<qgis version="3.22" styleCategories="{{ 'Symbology|Fields|Forms' if kind else 'Fields|Forms' }}">
{% if kind %}
<renderer-v2 type="categorizedSymbol" attr="severity" symbollevels="0" forceraster="0" enableorderby="0">
<categories>
{% for sign in signs %}<category value="{{ sign.severity }}" label="{{ sign.label }}" symbol="{{ loop.index0 }}" render="true"/>
{% endfor %}
</categories>
<symbols>
{% for sign in signs %}
{% if kind == "marker" %}
{{ marker(sign, loop.index0) }}
{% else %}
<symbol name="{{ loop.index0 }}" type="{{ kind }}" alpha="1" clip_to_extent="1" force_rhr="0">
{% if kind == "fill" %}
<layer class="SimpleFill" enabled="1" pass="0" locked="0">{{ options({"color": sign.colour ~ ",90", "style": "solid", "outline_color": sign.colour ~ ",255", "outline_style": "solid", "outline_width": "0.5", "outline_width_unit": "MM"}) }}</layer>
<layer class="CentroidFill" enabled="1" pass="0" locked="0">{{ options({"point_on_all_parts": "0", "point_on_surface": "1", "clip_points": "0"}) }}{{ marker(sign, "@" ~ loop.index0 ~ "@1") }}</layer>
{% else %}
<layer class="SimpleLine" enabled="1" pass="0" locked="0">{{ options({"line_color": sign.colour ~ ",255", "line_style": "solid", "line_width": "0.8", "line_width_unit": "MM", "capstyle": "round", "joinstyle": "round"}) }}</layer>
<layer class="MarkerLine" enabled="1" pass="0" locked="0">{{ options({"placement": "centralpoint", "rotate": "0"}) }}{{ marker(sign, "@" ~ loop.index0 ~ "@1") }}</layer>
{% endif %}
</symbol>
{% endif %}
{% endfor %}
</symbols>
</renderer-v2>
{% endif %}
<fieldConfiguration>
<field name="status"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List">{% for value, label in states %}<Option type="Map"><Option name="{{ label }}" type="QString" value="{{ value }}"/></Option>{% endfor %}</Option></Option></config></editWidget></field>
<field name="message_zh"><editWidget type="TextEdit"><config><Option type="Map"><Option name="IsMultiline" type="bool" value="true"/></Option></config></editWidget></field>
<field name="message_en"><editWidget type="TextEdit"><config><Option type="Map"><Option name="IsMultiline" type="bool" value="true"/></Option></config></editWidget></field>
<field name="remark"><editWidget type="TextEdit"><config><Option type="Map"><Option name="IsMultiline" type="bool" value="true"/></Option></config></editWidget></field>
</fieldConfiguration>
</qgis>
