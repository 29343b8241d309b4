import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { layerOffenders } from "../support/layer-offenders.ts";
import { baseImage, PlantedImages } from "./verify-planted.ts";

describe("files that must not be in a layer", () => {
  const images = new PlantedImages();
  after(() => images.remove());
  const base = baseImage();

  test("are found in each layer, even if a later layer deletes them; files of packages are not reported", async () => {
    const image = images.build(base, [
      "RUN mkdir -p /opt/app /var/lib/apt/lists /etc/ssh && echo list >/var/lib/apt/lists/planted && : >/tmp/empty",
      "RUN rm /var/lib/apt/lists/planted && echo log >/var/log/planted.log && echo Port 22 >/etc/ssh/sshd_config",
      "RUN echo '-----BEGIN OPENSSH PRIVATE KEY-----' >/opt/app/id && echo fine >/opt/app/settings",
      "RUN rm /var/log/planted.log /opt/app/id",
    ]);
    const { layers, offenders } = await layerOffenders(image, base);
    assert.equal(layers, 4);
    assert.deepEqual(offenders, [
      "layer 2: var/lib/apt/lists/planted",
      "layer 3: var/log/planted.log",
      "layer 4: opt/app/id (a private key)",
    ]);
  });
});
