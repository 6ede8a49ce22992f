"""The programs that draw a backdrop: surfaces first, then light on what is seen."""

STANDING = """
#version 330
in vec3 in_point; in vec3 in_normal; in vec2 in_paint; in int in_sheet;
uniform mat4 matrix;
out vec3 normal; out vec2 paint; flat out int sheet; out float height;
void main() {
    normal = in_normal; paint = in_paint; sheet = in_sheet; height = in_point.z;
    gl_Position = matrix * vec4(in_point, 1.0);
}
"""
PAINTED = """
#version 330
in vec3 normal; in vec2 paint; flat in int sheet; in float height;
uniform sampler2DArray sheets; uniform float lowest;
layout(location = 0) out vec4 surface; layout(location = 1) out vec4 facing;
void main() {
    vec4 texel = texture(sheets, vec3(paint, float(sheet)));
    HOLES
    float size = length(normal);
    surface = vec4(pow(texel.rgb, vec3(2.2)), (1.0 - texel.a) * 2.0);
    facing = vec4(normal / size, size - 1.0);
}
"""
# what discards cannot be skipped where something nearer was drawn, so what has no holes is drawn without it
SOLID = (STANDING, PAINTED.replace("HOLES", ""))
HOLED = (STANDING, PAINTED.replace("HOLES", "if (texel.a < 0.5 || height < lowest) discard;"))

SOLID_SHADOW = (
    """
#version 330
in vec3 in_point;
uniform mat4 matrix;
void main() { gl_Position = matrix * vec4(in_point, 1.0); }
""",
    """
#version 330
void main() {}
""",
)

HOLED_SHADOW = (
    """
#version 330
in vec3 in_point; in vec2 in_paint; in int in_sheet;
uniform mat4 matrix;
out vec2 paint; flat out int sheet;
void main() { paint = in_paint; sheet = in_sheet; gl_Position = matrix * vec4(in_point, 1.0); }
""",
    """
#version 330
in vec2 paint; flat in int sheet;
uniform sampler2DArray holes;
void main() { if (texture(holes, vec3(paint, float(sheet))).r < 0.5) discard; }
""",
)

SCREEN = """
#version 330
in vec2 in_corner;
out vec2 at;
void main() { at = in_corner * 0.5 + 0.5; gl_Position = vec4(in_corner, 0.0, 1.0); }
"""

PLACE = """
uniform sampler2D surface_map; uniform sampler2D facing_map; uniform sampler2D depth_map; uniform mat4 inverse_matrix;
vec3 place(vec2 at, float depth) {
    vec4 p = inverse_matrix * vec4(vec3(at, depth) * 2.0 - 1.0, 1.0);
    return p.xyz / p.w;
}
"""

OPENNESS = (
    SCREEN,
    "#version 330\n"
    + PLACE
    + """
const int TILES = 36;
uniform sampler2DShadow tiles; uniform mat4 tile_matrices[TILES]; uniform vec3 ways[TILES];
in vec2 at;
out float openness;
void main() {
    float depth = texture(depth_map, at).r;
    openness = 1.0;
    if (depth == 1.0) return;
    vec3 n = texture(facing_map, at).xyz;
    vec3 p = place(at, depth) + n * 0.07;
    float all = 0.0, open = 0.0;
    for (int i = 0; i < TILES; i++) {
        float facing = dot(n, ways[i]);
        all += ways[i].z;
        if (facing <= 0.0) continue;
        vec3 c = (tile_matrices[i] * vec4(p, 1.0)).xyz * 0.5 + 0.5;
        vec2 corner = vec2(float(i % 6), float(i / 6)) / 6.0;
        bool outside = any(lessThan(c.xy, vec2(0.003))) || any(greaterThan(c.xy, vec2(0.997)));
        open += facing * (outside ? 1.0 : texture(tiles, vec3(corner + c.xy / 6.0, c.z - 0.0012)));
    }
    openness = open / all;
}
""",
)

LIGHT = (
    SCREEN,
    "#version 330\n"
    + PLACE
    + """
uniform sampler2D openness_map; uniform sampler2D mirrored; uniform sampler2D grain;
uniform sampler2DShadow sun_depth; uniform mat4 sun_matrix;
uniform vec3 eye; uniform vec3 sun; uniform vec3 sunlight; uniform vec3 ambient; uniform vec3 sky;
uniform float haze; uniform float wet; uniform float bounce; uniform float mirror; uniform float clouds;
uniform vec3 lamp_places[8]; uniform vec3 lamp_colours[8]; uniform int lamps;
in vec2 at;
layout(location = 0) out vec3 lit; layout(location = 1) out vec3 shaded;

float fog(vec2 p) {
    return texture(grain, p).r;
}

vec3 heaven(vec3 way, float disc) {
    float up = max(way.z, 0.0);
    vec3 pale = mix(vec3(dot(sky, vec3(0.33))) * 1.1, sky, 0.25);
    vec3 colour = mix(pale, sky, pow(up, 0.5));
    float cover = smoothstep(0.55 - 0.25 * clouds, 0.75, fog(way.xy / (up + 0.12) * 0.06 + sun.xy));
    colour = mix(colour, vec3(dot(sky, vec3(0.4))) * 1.15 + sunlight * 0.25, cover * smoothstep(0.0, 0.15, way.z) * 0.85);
    float near = max(dot(way, sun), 0.0);
    return colour + disc * sunlight * (pow(near, 8.0) * 0.25 + pow(near, 90.0) * 1.2 + pow(near, 2500.0) * 20.0);
}

float sunshine(vec3 p, vec3 n) {
    vec3 c = (sun_matrix * vec4(p + n * 0.05, 1.0)).xyz * 0.5 + 0.5;
    if (any(lessThan(c, vec3(0.0))) || any(greaterThan(c, vec3(1.0)))) return 1.0;
    vec2 texel = 1.3 / vec2(textureSize(sun_depth, 0));
    float turn = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453) * 6.283;
    float total = 0.0;
    for (int i = 0; i < 4; i++) {
        float angle = turn + float(i) * 2.399, away = sqrt((float(i) + 0.5) / 4.0) * 2.2;
        total += texture(sun_depth, vec3(c.xy + vec2(cos(angle), sin(angle)) * away * texel, c.z - 0.0007));
    }
    return total / 4.0;
}

void main() {
    float depth = texture(depth_map, at).r;
    vec3 p = place(at, depth);
    vec3 way = normalize(p - eye);
    if (depth == 1.0) {
        lit = heaven(way, 1.0);
        shaded = heaven(way, 0.0);
        return;
    }
    vec4 surface = texture(surface_map, at), facing = texture(facing_map, at);
    vec3 n = facing.xyz, albedo = surface.rgb;
    vec2 flat_place = abs(n.z) > 0.5 ? p.xy : vec2(p.x + p.y, p.z);
    float worn = fog(flat_place * 0.021) - 0.5, fine = fog(flat_place * 0.37) - 0.5;
    albedo *= 1.0 + worn * 0.36 + fine * 0.26;
    if (abs(n.z) < 0.3) albedo *= 1.0 - 0.28 * exp(-max(p.z, 0.0) * 3.0) * (0.6 + worn);
    float open = texture(openness_map, at).r;
    float level = step(0.97, n.z) * step(p.z, 0.1), upright = 1.0 - step(0.06, abs(n.z));
    float puddle = wet * level * (0.45 + 0.55 * smoothstep(0.46, 0.6, fog(p.xy * 0.034)));
    albedo *= mix(1.0, 0.52, wet * max(level, 0.35));
    vec3 tint = mix(vec3(1.06, 1.0, 0.92), vec3(0.97, 1.0, 1.04), n.z * 0.5 + 0.5);
    vec3 light = ambient * (bounce + (1.0 - bounce) * open) * tint;
    light += ambient * bounce * 0.35 * max(-n.z, 0.0);
    for (int i = 0; i < lamps; i++) {
        vec3 to = lamp_places[i] - p;
        float square = dot(to, to) + 0.4;
        float facing_lamp = max(dot(n, to) * inversesqrt(square), 0.0);
        light += lamp_colours[i] * (facing_lamp * 0.9 + 0.1) / square * (0.35 + 0.65 * smoothstep(0.0, 0.7, open));
    }
    light += facing.w * surface.a;
    float toward = max(dot(n, sun), 0.0);
    vec3 direct = dot(sunlight, vec3(1.0)) > 0.0 && toward > 0.0 ? sunlight * toward * sunshine(p, n) : vec3(0.0);
    vec3 bounced = reflect(way, n);
    float fresnel = 0.03 + 0.97 * pow(1.0 - clamp(-dot(way, n), 0.0, 1.0), 5.0);
    vec3 shine = vec3(0.0);
    if (upright * surface.a > 0.1) {
        float town = smoothstep(-0.02, 0.05, bounced.z - 0.25 - 0.25 * texture(grain, bounced.xy * 0.6).r);
        shine = heaven(bounced, 0.0) * mix(0.16, 1.0, town) * surface.a * (0.1 + 0.9 * fresnel);
    }
    float polish = max(puddle, level * surface.a);
    if (polish * mirror > 0.0) {
        vec2 ripple = (vec2(texture(grain, p.xy * 0.9).r, texture(grain, p.yx * 0.9 + 0.4).r) - 0.5) * 0.012;
        vec3 image = vec3(0.0);
        for (int i = -3; i <= 3; i++) image += texture(mirrored, at + ripple + vec2(0.0, float(i) * 0.006)).rgb / 7.0;
        shine += image * polish * (mix(0.11, 0.02, step(0.001, puddle)) + fresnel);
    }
    float away = length(p - eye), air = 1.0 - exp(-away * haze);
    vec3 veil = mix(vec3(dot(sky, vec3(0.33))), sky, 0.4);
    float near = max(dot(way, sun), 0.0);
    shaded = mix(albedo * light + shine, veil, air);
    lit = mix(albedo * (light + direct) + shine, veil + sunlight * (pow(near, 8.0) * 0.25 + pow(near, 60.0) * 0.6), air);
}
""",
)
