/** A cluster for the lane, whatever it is made of. */
export interface Cluster {
  /** What it is, in words. */
  kind: string;
  kubeconfig: string;
  /** Where its node ports are, for this machine. */
  address: string;
  /** Where this machine is, for its pods. */
  here: string;
  /** It is Kubernetes 1.20: objects of later versions have to be changed or left out. */
  old: boolean;
  alive(): boolean;
  /** The port at `address` that leads to a node port. */
  port(nodePort: number): number;
  /** Makes the images of an archive (`podman save`) known to the node. */
  loadImages(archive: string): Promise<void>;
  /** Sends a signal to the process of a pod that runs a program. */
  signal(podUid: string, program: string, signal: string): Promise<void>;
  /** Volumes to create, where nothing provides them. */
  volumes(name: string): object[];
  log(name: string): Promise<string>;
  stop(): Promise<void>;
}
