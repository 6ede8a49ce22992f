// Where the network looked: stored behind the pictures of each tracklet, as many once more.

let looking = false;
added.picture = (place, number) => number + (looking ? tracklets[place].pictures : 0);

function look() {
  looking = !looking;
  byId("attention").setAttribute("aria-pressed", looking);
  for (const image of document.querySelectorAll("img.crop[src]")) load(image);
}

byId("attention").addEventListener("click", look);
for (const name of ["people", "calls"]) added.keys[name] = { ...added.keys[name], a: look };
