import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './programs.mjs';

/** Buildah, with images in a folder of its own: it touches nothing that the machine has. */
export class Builder {
  #storage;

  constructor(folder) {
    mkdirSync(folder, { recursive: true });
    this.#storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  }

  #run(args, options) {
    const [command, ...rest] = args;
    // Without a daemon and without namespaces of its own: it works in a container too.
    return run('buildah', [...this.#storage, command, ...rest], {
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot' },
      ...options,
    });
  }

  has(image) {
    try {
      this.#run(['inspect', '--type', 'image', image]);
      return true;
    } catch {
      return false;
    }
  }

  /** An image of what a folder holds, with this configuration. */
  pack(image, folder, config) {
    const container = this.#run(['from', 'scratch']);
    this.#run(['add', '--quiet', container, folder, '/']);
    this.#run(['config', ...config, container]);
    this.#run(['commit', '--quiet', '--rm', '--format', 'docker', container, image]);
  }

  /** Builds the Dockerfile in a folder from nothing; its base images have to be there, unless they may be fetched. */
  build(image, context, { mayFetch }) {
    const npmrc = join(homedir(), '.npmrc');
    this.#run(
      [
        'bud',
        '--format',
        'docker',
        '--no-cache',
        ...(mayFetch ? [] : ['--pull-never']),
        ...(existsSync(npmrc) ? ['--secret', `id=npmrc,src=${npmrc}`] : []),
        '--tag',
        image,
        context,
      ],
      { isLoud: true },
    );
  }

  /** The image's configuration, and what its layers are: the SHA-256 of each as it is unpacked. */
  describe(image, folder) {
    rmSync(folder, { recursive: true, force: true });
    this.#run(['push', '--quiet', '--format', 'v2s2', image, `dir:${folder}`]);
    const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { config, layers } = read('manifest.json');
    const described = read(config.digest.replace('sha256:', ''));
    return {
      config: described.config,
      layers: described.rootfs.diff_ids,
      transferredBytes: layers.reduce((sum, { size }) => sum + size, 0),
    };
  }

  /** Where the files of a new container of the image are; they are gone with `removeContainers`. */
  unpack(image) {
    return this.#run(['mount', this.#run(['from', '--pull-never', image])]);
  }

  /** Takes all containers away, those of an interrupted run too. */
  removeContainers() {
    this.#run(['rm', '--all']);
  }

  removeImage(image) {
    this.#run(['rmi', '--force', image]);
  }
}
