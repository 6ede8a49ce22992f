// Shows the network's attention. The overlays are stored behind the pictures of each tracklet, one per picture.

let attentionShown = false;
extensions.pictureNumber = (place, number) => number + (attentionShown ? tracklets[place].pictures : 0);

function toggleAttention() {
  attentionShown = !attentionShown;
  byId("attention").setAttribute("aria-pressed", attentionShown);
  for (const image of document.querySelectorAll("img.crop[src]")) loadPicture(image);
}

byId("attention").addEventListener("click", toggleAttention);
for (const tab of ["identities", "calls"]) extensions.keys[tab] = { ...extensions.keys[tab], a: toggleAttention };
