// Runs in the page: how many words there are over its picture, how many of them have ink under them, and which share of
// all ink lies under words.
export function inkUnderWords() {
  const image = document.querySelector("#sheet img");
  const sheet = document.getElementById("sheet");
  const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const isDark = (x, y) => data[(y * canvas.width + x) * 4] < 140;
  const scale = image.naturalWidth / sheet.offsetWidth;
  const seen = new Uint8Array(canvas.width * canvas.height);
  let [words, inked, under] = [0, 0, 0];
  for (const word of document.querySelectorAll(".overlay .word")) {
    // Where a point of the word lies on the sheet, whichever way that is turned on the screen.
    const matrix = new DOMMatrix(getComputedStyle(word).transform);
    const [left, top] = [parseFloat(word.style.left), parseFloat(word.style.top)];
    const [wide, high] = [word.offsetWidth, word.offsetHeight];
    const length = (x, y) => Math.hypot(x, y) * scale;
    const [across, down] = [Math.ceil(length(matrix.a, matrix.b) * wide) + 1, Math.ceil(length(matrix.c, matrix.d) * high) + 1];
    let dark = 0;
    for (let i = 0; i <= across; i += 1) {
      for (let j = 0; j <= down; j += 1) {
        const point = matrix.transformPoint(new DOMPoint((i / across) * wide, (j / down) * high));
        const [x, y] = [Math.round((point.x + left) * scale), Math.round((point.y + top) * scale)];
        if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height || !isDark(x, y)) continue;
        dark += 1;
        if (!seen[y * canvas.width + x]) under += 1;
        seen[y * canvas.width + x] = 1;
      }
    }
    words += 1;
    if (dark > (across * down) / 50) inked += 1;
  }
  let all = 0;
  for (let y = 0; y < canvas.height; y += 1) for (let x = 0; x < canvas.width; x += 1) if (isDark(x, y)) all += 1;
  return { words, inked, covered: under / all };
}
