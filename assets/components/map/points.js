// The points, drawn by WebGL2: each knows where it comes from, where it belongs, its category and whether it is chosen.

const NOWHERE = 1e9; // where a point comes from that was not there before
const ALL_ALIKE = 0;
const NOT_CHOSEN = 1;
const CHOSEN = 2;
const PALE = 0.13; // of the usual opacity, for points that are not chosen

const VERTEX_SHADER = `#version 300 es
layout(location = 0) in vec2 origin;
layout(location = 1) in vec2 place;
layout(location = 2) in uint code;
layout(location = 3) in uint chosen;
uniform sampler2D palette;
uniform vec2 centre;
uniform vec2 scale;
uniform float share;
uniform float diameter;
uniform float opacity;
uniform int which;
out vec4 color;
void main() {
  bool isNew = origin.x > 1e6;
  color = texelFetch(palette, ivec2(int(code), 0), 0);
  bool isSkipped = color.a == 0.0 || (which == ${NOT_CHOSEN} && chosen != 0u) || (which == ${CHOSEN} && chosen == 0u);
  color.a = isNew ? opacity * share : opacity;
  vec2 now = isNew ? place : mix(origin, place, share);
  gl_Position = isSkipped ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((now - centre) * scale, 0.0, 1.0);
  gl_PointSize = diameter + 1.0;
}`;

const FRAGMENT_SHADER = `#version 300 es
precision highp float;
uniform float diameter;
in vec4 color;
out vec4 pixel;
void main() {
  float distance = length(gl_PointCoord - 0.5) * (diameter + 1.0);
  float alpha = color.a * clamp((diameter + 1.0) * 0.5 - distance, 0.0, 1.0);
  pixel = vec4(color.rgb * alpha, alpha);
}`;

class Points {
  /** @param draw called when the graphics card has come back and everything must be drawn again. */
  constructor(canvas, draw) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: false, depth: false, stencil: false });
    if (!this.gl) return;
    this.sent = {};
    this.setUp();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.setUp();
      for (const [name, values] of Object.entries(this.sent)) this.send(name, values);
      draw();
    });
  }

  setUp() {
    const { gl } = this;
    this.program = this.link(VERTEX_SHADER, FRAGMENT_SHADER);
    gl.useProgram(this.program);
    this.uniforms = Object.fromEntries(
      ["centre", "scale", "share", "diameter", "opacity", "which"].map((name) => [
        name,
        gl.getUniformLocation(this.program, name),
      ]),
    );
    gl.bindVertexArray(gl.createVertexArray());
    this.buffers = {};
    ["origins", "places", "codes", "chosen"].forEach((name, location) => {
      this.buffers[name] = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      gl.enableVertexAttribArray(location);
      if (location < 2) gl.vertexAttribPointer(location, 2, gl.FLOAT, false, 0, 0);
      else gl.vertexAttribIPointer(location, 1, gl.UNSIGNED_BYTE, 0, 0);
    });
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  link(...sources) {
    const { gl } = this;
    const program = gl.createProgram();
    [gl.VERTEX_SHADER, gl.FRAGMENT_SHADER].forEach((kind, i) => {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, sources[i]);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    });
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(gl.getProgramInfoLog(program));
    return program;
  }

  /** Hand something over: origins, places (2n floats), codes, chosen (n bytes) or palette (256 RGBA colours). */
  send(name, values) {
    const { gl } = this;
    this.sent[name] = values;
    if (name === "palette") {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, values);
    } else {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    }
  }

  resize(width, height) {
    Object.assign(this.canvas, { width, height });
  }

  /**
   * @param view where to look.
   * @param share how far the points have come on their way, 0 to 1.
   * @param diameter of a point, in CSS pixels.
   * @param anyChosen whether those that are chosen stand out.
   */
  draw(view, { share, diameter, opacity, anyChosen }) {
    const { gl, uniforms } = this;
    const n = (this.sent.codes ?? []).length;
    const ratio = this.canvas.width / view.width;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!n || gl.isContextLost()) return;
    gl.uniform2f(uniforms.centre, view.x, view.y);
    gl.uniform2f(uniforms.scale, (2 * view.scale) / view.width, (2 * view.scale) / view.height);
    gl.uniform1f(uniforms.share, share);
    for (const which of anyChosen ? [NOT_CHOSEN, CHOSEN] : [ALL_ALIKE]) {
      gl.uniform1f(uniforms.diameter, diameter * ratio * (which === CHOSEN ? 1.25 : 1));
      gl.uniform1f(uniforms.opacity, which === NOT_CHOSEN ? opacity * PALE : which === CHOSEN ? 0.9 : opacity);
      gl.uniform1i(uniforms.which, which);
      gl.drawArrays(gl.POINTS, 0, n);
    }
  }

  /** Give the graphics card back; browsers allow only a few such canvases. */
  release() {
    this.gl?.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
