// The thread that scans: shares in, results out. Started by scan-pool.ts, with the request as its
// data.

import { parentPort, workerData } from "node:worker_threads";
import { scanResultToBytes } from "../scan/scan-result.ts";
import type { FromWorker, ScanRequest, ToWorker } from "./scan-request.ts";
import { scanShare } from "./scan-share.ts";
import { createScannerShelf } from "./scanner-shelf.ts";

/** Progress is told in steps of so many bytes. */
const stepBytes = 4 * 1024 * 1024;

const request: ScanRequest = workerData;
const shelf = createScannerShelf(request);

parentPort?.on("message", (message: ToWorker) => void serve(message));

async function serve({ id, share }: ToWorker): Promise<void> {
  let bytes = 0;
  const tell = (): void => {
    post({ kind: "progress", bytes });
    bytes = 0;
  };
  const { result, outcomes } = await scanShare(share, shelf, (count) => {
    bytes += count;
    if (bytes >= stepBytes) {
      tell();
    }
  });
  tell();
  const packed = result === undefined ? undefined : scanResultToBytes(result);
  post({ kind: "done", id, result: packed, outcomes }, packed);
}

function post(message: FromWorker, transferred?: Uint8Array<ArrayBuffer>): void {
  parentPort?.postMessage(message, transferred === undefined ? [] : [transferred.buffer]);
}
