/** The backends a run can train on. 'cpu' is tfjs's plain JavaScript, for tests. */
export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** The device a run trains on, as the chip shows it. */
export interface DeviceReport {
  readonly backend: BackendName;
  /** Adapter or processor in words. */
  readonly adapter: string;
  readonly software: boolean;
  readonly selfTest: {
    readonly passed: boolean;
    readonly worst: number;
    readonly milliseconds: number;
  };
  /** One sentence for each backend that was tried and not taken. */
  readonly refused: readonly string[];
}
