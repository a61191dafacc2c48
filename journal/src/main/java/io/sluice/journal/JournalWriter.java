package io.sluice.journal;

import java.util.ArrayList;
import java.util.List;

/** The one thread that changes a journal: takes batches from the queue until it is closed and empty, then closes the log. */
final class JournalWriter implements Runnable {

    private final RequestQueue queue;
    private final SegmentLog log;

    JournalWriter(RequestQueue queue, SegmentLog log) {
        this.queue = queue;
        this.log = log;
    }

    @Override
    public void run() {
        try {
            List<Request> batch = queue.take();
            while (!batch.isEmpty()) {
                perform(batch);
                batch = queue.take();
            }
        } finally {
            log.close();
        }
    }

    private void perform(List<Request> batch) {
        // A caller's callback ran on this thread and may have left it interrupted; the next file operation would then
        // close its file.
        Thread.interrupted();
        try {
            Request first = batch.get(0);
            if (first instanceof Request.TakeSnapshot snapshot) {
                log.snapshot(snapshot);
            } else if (first instanceof Request.Discard discard) {
                log.discard(discard);
            } else {
                log.append(appends(batch));
            }
        } catch (RuntimeException | Error e) {
            // A bug, or no memory left. What reached the file is unknown, so nothing may follow it; the callers must
            // not wait for ever.
            JournalException reason = log.turnReadOnly("the writer failed: " + e, e);
            batch.forEach(request -> request.fail(reason));
        }
    }

    private static List<Request.Append> appends(List<Request> batch) {
        List<Request.Append> appends = new ArrayList<>(batch.size());
        for (Request request : batch) {
            appends.add((Request.Append) request);
        }
        return appends;
    }
}
