"""Shader programs of a backdrop: they draw the surfaces first, then light the visible ones."""

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
# a shader with `discard` cannot skip hidden pixels early, so surfaces without holes use a shader without it
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
out vec2 uv;
void main() { uv = in_corner * 0.5 + 0.5; gl_Position = vec4(in_corner, 0.0, 1.0); }
"""

MAPS = """
uniform sampler2D surface_map; uniform sampler2D facing_map; uniform sampler2D depth_map;
uniform mat4 inverse_matrix;
vec3 world_point(vec2 uv, float depth) {
    vec4 point = inverse_matrix * vec4(vec3(uv, depth) * 2.0 - 1.0, 1.0);
    return point.xyz / point.w;
}
"""

OPENNESS = (
    SCREEN,
    "#version 330\n"
    + MAPS
    + """
// the share of the sky's light that reaches each pixel: the sum over 36 directions, each with a shadow map
const int TILES = 36;
uniform sampler2DShadow tiles; uniform mat4 tile_matrices[TILES]; uniform vec3 directions[TILES];
in vec2 uv;
out float openness;
void main() {
    float depth = texture(depth_map, uv).r;
    openness = 1.0;
    if (depth == 1.0) return;
    vec3 normal = texture(facing_map, uv).xyz;
    vec3 point = world_point(uv, depth) + normal * 0.07;
    float possible = 0.0, visible = 0.0;
    for (int i = 0; i < TILES; i++) {
        float facing = dot(normal, directions[i]);
        possible += directions[i].z;
        if (facing <= 0.0) continue;
        vec3 in_tile = (tile_matrices[i] * vec4(point, 1.0)).xyz * 0.5 + 0.5;
        vec2 corner = vec2(float(i % 6), float(i / 6)) / 6.0;
        bool outside = any(lessThan(in_tile.xy, vec2(0.003))) || any(greaterThan(in_tile.xy, vec2(0.997)));
        vec3 sample_point = vec3(corner + in_tile.xy / 6.0, in_tile.z - 0.0012);
        visible += facing * (outside ? 1.0 : texture(tiles, sample_point));
    }
    openness = visible / possible;
}
""",
)

LIGHT = (
    SCREEN,
    "#version 330\n"
    + MAPS
    + """
uniform sampler2D openness_map; uniform sampler2D mirrored; uniform sampler2D grain;
uniform sampler2DShadow sun_depth; uniform mat4 sun_matrix;
uniform vec3 eye; uniform vec3 sun; uniform vec3 sunlight; uniform vec3 ambient; uniform vec3 sky;
uniform float haze; uniform float wet; uniform float bounce; uniform float mirror; uniform float clouds;
uniform vec3 lamp_places[8]; uniform vec3 lamp_colours[8]; uniform int lamps;
in vec2 uv;
layout(location = 0) out vec3 lit; layout(location = 1) out vec3 shaded;

float noise_at(vec2 point) {
    return texture(grain, point).r;
}

// the light of the sky in a direction; `disc` 1 adds the sun, 0 leaves it out
vec3 sky_light(vec3 direction, float disc) {
    float up = max(direction.z, 0.0);
    vec3 horizon = mix(vec3(dot(sky, vec3(0.33))) * 1.1, sky, 0.25);
    vec3 colour = mix(horizon, sky, pow(up, 0.5));
    float density = noise_at(direction.xy / (up + 0.12) * 0.06 + sun.xy);
    float cover = smoothstep(0.55 - 0.25 * clouds, 0.75, density);
    vec3 cloud = vec3(dot(sky, vec3(0.4))) * 1.15 + sunlight * 0.25;
    colour = mix(colour, cloud, cover * smoothstep(0.0, 0.15, direction.z) * 0.85);
    float near_sun = max(dot(direction, sun), 0.0);
    float glare = pow(near_sun, 8.0) * 0.25 + pow(near_sun, 90.0) * 1.2 + pow(near_sun, 2500.0) * 20.0;
    return colour + disc * sunlight * glare;
}

// the share of direct sun at a point: four samples of the shadow map, turned at random for soft edges
float sunshine(vec3 point, vec3 normal) {
    vec3 in_map = (sun_matrix * vec4(point + normal * 0.05, 1.0)).xyz * 0.5 + 0.5;
    if (any(lessThan(in_map, vec3(0.0))) || any(greaterThan(in_map, vec3(1.0)))) return 1.0;
    vec2 texel = 1.3 / vec2(textureSize(sun_depth, 0));
    float turn = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453) * 6.283;
    float total = 0.0;
    for (int i = 0; i < 4; i++) {
        float angle = turn + float(i) * 2.399, radius = sqrt((float(i) + 0.5) / 4.0) * 2.2;
        vec2 shift = vec2(cos(angle), sin(angle)) * radius * texel;
        total += texture(sun_depth, vec3(in_map.xy + shift, in_map.z - 0.0007));
    }
    return total / 4.0;
}

void main() {
    float depth = texture(depth_map, uv).r;
    vec3 point = world_point(uv, depth);
    vec3 view = normalize(point - eye);
    if (depth == 1.0) {
        lit = sky_light(view, 1.0);
        shaded = sky_light(view, 0.0);
        return;
    }
    // colour of the surface: stains, grain, dirt at the foot of walls, and puddles
    vec4 surface = texture(surface_map, uv), facing = texture(facing_map, uv);
    vec3 normal = facing.xyz, albedo = surface.rgb;
    vec2 flat_point = abs(normal.z) > 0.5 ? point.xy : vec2(point.x + point.y, point.z);
    float stain = noise_at(flat_point * 0.021) - 0.5, speckle = noise_at(flat_point * 0.37) - 0.5;
    albedo *= 1.0 + stain * 0.36 + speckle * 0.26;
    if (abs(normal.z) < 0.3) albedo *= 1.0 - 0.28 * exp(-max(point.z, 0.0) * 3.0) * (0.6 + stain);
    float openness = texture(openness_map, uv).r;
    float level = step(0.97, normal.z) * step(point.z, 0.1), upright = 1.0 - step(0.06, abs(normal.z));
    float puddle = wet * level * (0.45 + 0.55 * smoothstep(0.46, 0.6, noise_at(point.xy * 0.034)));
    albedo *= mix(1.0, 0.52, wet * max(level, 0.35));
    // ambient light, lamps, glow and direct sun
    vec3 tint = mix(vec3(1.06, 1.0, 0.92), vec3(0.97, 1.0, 1.04), normal.z * 0.5 + 0.5);
    vec3 light = ambient * (bounce + (1.0 - bounce) * openness) * tint;
    light += ambient * bounce * 0.35 * max(-normal.z, 0.0);
    for (int i = 0; i < lamps; i++) {
        vec3 to_lamp = lamp_places[i] - point;
        float square = dot(to_lamp, to_lamp) + 0.4;
        float facing_lamp = max(dot(normal, to_lamp) * inversesqrt(square), 0.0);
        float reach = 0.35 + 0.65 * smoothstep(0.0, 0.7, openness);
        light += lamp_colours[i] * (facing_lamp * 0.9 + 0.1) / square * reach;
    }
    light += facing.w * surface.a;
    float sun_cosine = max(dot(normal, sun), 0.0);
    bool sunny = dot(sunlight, vec3(1.0)) > 0.0 && sun_cosine > 0.0;
    vec3 direct = sunny ? sunlight * sun_cosine * sunshine(point, normal) : vec3(0.0);
    // reflections: the sky above a rough skyline on glass walls, the mirrored scene on wet or polished ground
    vec3 reflected = reflect(view, normal);
    float fresnel = 0.03 + 0.97 * pow(1.0 - clamp(-dot(view, normal), 0.0, 1.0), 5.0);
    vec3 shine = vec3(0.0);
    if (upright * surface.a > 0.1) {
        float skyline = reflected.z - 0.25 - 0.25 * noise_at(reflected.xy * 0.6);
        float above_skyline = smoothstep(-0.02, 0.05, skyline);
        shine = sky_light(reflected, 0.0) * mix(0.16, 1.0, above_skyline) * surface.a * (0.1 + 0.9 * fresnel);
    }
    float polish = max(puddle, level * surface.a);
    if (polish * mirror > 0.0) {
        vec2 ripple = (vec2(noise_at(point.xy * 0.9), noise_at(point.yx * 0.9 + 0.4)) - 0.5) * 0.012;
        vec3 image = vec3(0.0);
        for (int i = -3; i <= 3; i++) {
            image += texture(mirrored, uv + ripple + vec2(0.0, float(i) * 0.006)).rgb / 7.0;
        }
        shine += image * polish * (mix(0.11, 0.02, step(0.001, puddle)) + fresnel);
    }
    // haze
    float distance_to_eye = length(point - eye), haze_share = 1.0 - exp(-distance_to_eye * haze);
    vec3 haze_colour = mix(vec3(dot(sky, vec3(0.33))), sky, 0.4);
    float near_sun = max(dot(view, sun), 0.0);
    shaded = mix(albedo * light + shine, haze_colour, haze_share);
    lit = mix(albedo * (light + direct) + shine,
              haze_colour + sunlight * (pow(near_sun, 8.0) * 0.25 + pow(near_sun, 60.0) * 0.6), haze_share);
}
""",
)
