import fs, { type Stats } from "node:fs";

/**
 * An open file. Asked by callbacks, `node:fs` takes half of the processor time that its `FileHandle`s do (decision 0154),
 * which is most of what reading or writing a small file costs. Whoever opens one closes it.
 */
export class DiskFile {
  readonly #fd: number;
  #closing: Promise<void> | undefined;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @param mode of a file that is made */
  static open(path: string, flags: string | number, mode = 0o600): Promise<DiskFile> {
    return new Promise((resolve, reject) => fs.open(path, flags, mode, (error, fd) => (error ? reject(error) : resolve(new DiskFile(fd)))));
  }

  /** @returns how many bytes were read into `buffer`; 0 at the file's end */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => fs.read(this.#fd, buffer, offset, length, position, (error, count) => (error ? reject(error) : resolve(count))));
  }

  /** Goes on where the last one ended. @returns how many bytes were written, which may be fewer than given */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => fs.write(this.#fd, bytes, (error, count) => (error ? reject(error) : resolve(count))));
  }

  /** As `write`, several at once. */
  writeAll(chunks: readonly Uint8Array[]): Promise<number> {
    return new Promise((resolve, reject) => fs.writev(this.#fd, chunks, (error, count) => (error ? reject(error) : resolve(count))));
  }

  stat(): Promise<Stats> {
    return new Promise((resolve, reject) => fs.fstat(this.#fd, (error, stats) => (error ? reject(error) : resolve(stats))));
  }

  /** Waits until the disk has the bytes. */
  datasync(): Promise<void> {
    return new Promise((resolve, reject) => fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve())));
  }

  /** Waits until the disk has everything: of a directory, its names. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => fs.fsync(this.#fd, (error) => (error ? reject(error) : resolve())));
  }

  /** Once: the number may be another file's right afterwards. */
  close(): Promise<void> {
    return (this.#closing ??= new Promise((resolve, reject) => fs.close(this.#fd, (error) => (error ? reject(error) : resolve()))));
  }
}
