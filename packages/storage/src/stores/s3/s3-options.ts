/** Any server that speaks S3. What isn't given is found as the AWS SDK finds it: environment, shared files, the machine's role. */
export interface S3StoreOptions {
  readonly bucket: string;
  /** Default: AWS's of the region. */
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** The bucket in the path rather than in the host's name, as MinIO and Ceph mostly want it. Default: true with an endpoint. */
  readonly forcePathStyle?: boolean | undefined;
  /** Before each key, to share a bucket: parts of a key, joined by "/". */
  readonly prefix?: string | undefined;
  /** How long a server may take to begin its answer, and then be silent. Default: 60,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Connections to the server at most, besides one for each object that is being read. Default: 128. */
  readonly maxSockets?: number | undefined;
  /** How often a request is made at most, where the server is at fault. Default: 3. */
  readonly maxAttempts?: number | undefined;
  /** Bytes of a part that an object is uploaded in, of which two are in memory at a time. Default: 5 MiB, the least there may be. */
  readonly partSize?: number | undefined;
}
