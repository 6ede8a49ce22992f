"""GLSL programs of `renderer`: actors, their shadows, and their composition with a backdrop."""

LIFTS = (0.0, 0.0, 0.06, 0.03, 0.03, 0.05, 0.05, 0.008, 0.008, 0.004)
"""Metres by which the depth test treats each of a person's sheets as nearer than it is, in the order of
`painting.SHEETS`. So outer clothes hide the inner ones that they touch."""
ACTOR_VERTICES = """
#version 330
in vec3 point, normal, paint; in float sheet;
uniform mat4 view, sun_view, moving_view; uniform vec3 eye; uniform float lift;
out vec3 place, facing, at; flat out float layer; out vec4 in_sun, in_moving;
const float LAYERS[10] = float[](LIFTS);
void main() {
    place = point; facing = normal; at = paint; layer = sheet;
    in_sun = sun_view * vec4(place, 1); in_moving = moving_view * vec4(place, 1);
    gl_Position = view * vec4(place, 1);
    vec4 lifted = view * vec4(place + lift * LAYERS[int(sheet + 0.5)] * normalize(eye - place), 1);
    gl_Position.z = lifted.z / lifted.w * gl_Position.w;  // outer clothes win against those that they lie on
}
""".replace("LIFTS", ", ".join(map(str, LIFTS)))
PAINT_LOOKUP = """
#version 330
in vec3 place, facing, at; flat in float layer; in vec4 in_sun, in_moving;
uniform sampler2DArray sheets; uniform float around, lod;
vec4 paint() {
    vec2 uv = around > 0.5 ? vec2(atan(at.x, at.y) * 0.15915494 + 0.5, at.z) : at.xy;
    return textureLod(sheets, vec3(uv, layer), lod);
}
"""
ACTOR = (
    ACTOR_VERTICES,
    PAINT_LOOKUP
    + """
layout(location = 0) out vec4 light; layout(location = 1) out float who;
uniform sampler2DShadow still, moving;
uniform vec3 sun, sunlight, ambient, sky, eye, lamp_at[8], lamp_light[8];
uniform float gloss, haze, actor, slack, spread, overhead; uniform int lamps;
float lit(sampler2DShadow map, vec4 p, float bias) {
    vec3 q = p.xyz * 0.5 + 0.5;
    if (any(lessThan(q, vec3(0))) || any(greaterThan(q, vec3(1)))) return 1.0;
    return texture(map, vec3(q.xy, q.z - bias));
}
float open(vec4 p, float bias) {
    vec4 wide = vec4(spread, 0.3 * spread, 0.0, 0.0);
    return 0.25 * (lit(moving, p + wide, bias) + lit(moving, p - wide, bias)
        + lit(moving, p + wide.yxzw, bias) + lit(moving, p - wide.yxzw, bias));
}
void main() {
    vec4 texel = paint();
    if (texel.a < 0.5) discard;
    vec3 n = normalize(facing), v = normalize(eye - place);
    if (dot(n, v) < 0.0) n = -n;
    vec3 colour = texel.rgb * (0.012522878 + texel.rgb * (0.682171111 + texel.rgb * 0.305306011));  // sRGB to linear
    float shade = lit(still, in_sun, 0.0012) * lit(moving, in_moving, slack);
    vec3 fill = ambient * (0.62 + 0.38 * n.z) * (0.6 + 0.4 * smoothstep(0.0, 0.7, place.z));
    fill *= 1.0 - overhead * (1.0 - open(in_moving, slack));
    for (int i = 0; i < lamps; i++) {
        vec3 d = lamp_at[i] - place;
        float r = dot(d, d);
        fill += lamp_light[i] * max(dot(n, d) * inversesqrt(r) * 0.75 + 0.25, 0.0) / max(r, 1.0);
    }
    float rim = pow(1.0 - clamp(dot(n, v), 0.0, 1.0), 4.0), shine = pow(max(dot(reflect(-sun, n), v), 0.0), 30.0);
    vec3 l = colour * (sunlight * max((dot(n, sun) + 0.12) / 1.12, 0.0) * shade + fill) + colour * ambient * rim * 0.25;
    l += gloss * (sunlight * shade * shine * 0.8 + mix(ambient * 0.5, sky, max(n.z, 0.0)) * (0.12 + 0.6 * rim));
    light = vec4(mix(l, sky, 1.0 - exp(-length(eye - place) * haze)), 1);
    who = actor;
}
""",
)
SHADOW = (ACTOR_VERTICES, PAINT_LOOKUP + "void main() { if (paint().a < 0.5) discard; }")

FULL_SQUARE = """
#version 330
in vec2 corner; out vec2 uv;
void main() { uv = corner * 0.5 + 0.5; gl_Position = vec4(corner, 0, 1); }
"""
DEPTH = (
    FULL_SQUARE,
    """
#version 330
in vec2 uv; uniform sampler2D depth;
void main() { gl_FragDepth = texture(depth, uv).r; }
""",
)
SPOT = (
    """
#version 330
in vec2 corner; in vec4 spot; uniform mat4 view; flat out vec4 blot;
void main() { blot = spot; gl_Position = view * vec4(spot.xy + corner * spot.z * 2.2, 0.02, 1); }
""",
    """
#version 330
flat in vec4 blot; out vec4 o; uniform sampler2D depth; uniform mat4 back; uniform vec2 size;
void main() {
    vec2 uv = gl_FragCoord.xy / size;
    vec4 w = back * vec4(vec3(uv, texture(depth, uv).r) * 2.0 - 1.0, 1);
    w /= w.w;
    vec2 d = (w.xy - blot.xy) / blot.z;
    o = vec4(1.0 - blot.w * exp(-dot(d, d) * 1.5) * exp(-max(w.z, 0.0) * 5.0));
}
""",
)
COMPOSITE = (
    FULL_SQUARE,
    """
#version 330
in vec2 uv; out vec4 o;
uniform sampler2D depth, lit, shaded, blots, actors; uniform sampler2DShadow moving;
uniform mat4 back, moving_view; uniform int sunny;
float dark(vec3 q, float x, float y) { return texture(moving, q + vec3(x, y, 0) * 0.0001); }
void main() {
    ivec2 here = ivec2(gl_FragCoord.xy), fine = here * 2;
    vec3 ground = texelFetch(lit, here, 0).rgb;
    float z = texture(depth, uv).r;
    if (sunny == 1 && z < 1.0) {
        vec4 w = back * vec4(vec3(uv, z) * 2.0 - 1.0, 1);
        vec3 q = (moving_view * (w / w.w)).xyz * 0.5 + 0.5;
        q.z -= 0.002;
        if (all(greaterThan(q, vec3(0))) && all(lessThan(q, vec3(1)))) {
            float s = (dark(q, -7, -3) + dark(q, 7, 3) + dark(q, -3, 7) + dark(q, 3, -7)) * 0.25;
            if (s < 1.0) ground = mix(texelFetch(shaded, here, 0).rgb, ground, s);
        }
    }
    ground *= texelFetch(blots, here, 0).r;
    vec4 a = vec4(0);
    for (int i = 0; i < 4; i++) a += texelFetch(actors, fine + ivec2(i & 1, i >> 1), 0) * 0.25;
    o = vec4(ground * (1.0 - a.a) + a.rgb, 1);
}
""",
)
