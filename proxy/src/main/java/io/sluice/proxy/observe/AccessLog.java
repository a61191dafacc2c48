package io.sluice.proxy.observe;

import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each request. Event loops only put a record into a bounded queue; one thread of its own makes the
 * lines and writes them. When it cannot keep up, or the disk cannot, lines are dropped and counted: traffic never waits for its log. Only
 * that thread touches the file, so that rotating it (see {@link LogFile}) costs no line.
 */
public final class AccessLog implements ExchangeObserver, AutoCloseable {
    private static final int BATCH = 512;
    /**
     * Lines are gathered for so long, so that traffic does not wake this thread for each of them; no longer, as requests may wait for the core on
     * which many are written.
     */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Between looks at a queue that is empty. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long STOP_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final Logger LINES = LoggerFactory.getLogger("access");

    private final Clock clock;
    private final AccessLogFormat format;
    private final BlockingQueue<AccessLogEntry> queue;
    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final @Nullable LogFile file;
    private final Queue<CompletableFuture<Void>> reopenings = new ConcurrentLinkedQueue<>();
    private final LogLines lines = new LogLines();
    private final Thread writer;
    private volatile boolean closed;

    /** Opens the file, if one is configured, and starts to write. Throws {@link UncheckedIOException} when it cannot be opened. */
    public AccessLog(AccessLogSettings settings, Clock clock) {
        this.clock = clock;
        this.format = settings.format();
        this.queue = new ArrayBlockingQueue<>(settings.queue());
        this.file = settings.file() == null ? null : open(settings, settings.file());
        this.writer = new Thread(this::run, "access-log");
        writer.setDaemon(true);
        writer.start();
    }

    private static LogFile open(AccessLogSettings settings, Path file) {
        try {
            return new LogFile(file, settings.maxBytes(), settings.keep());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void exchangeEnded(FinishedExchange exchange) {
        Route route = exchange.route();
        if (route != null && !route.settings().accessLog()) {
            return;
        }
        if (!queue.offer(AccessLogEntry.of(exchange, clock.millis()))) {
            dropped.increment();
        }
    }

    /** Lines that were written. */
    public long written() {
        return written.sum();
    }

    /** Lines that were not written. */
    public long dropped() {
        return dropped.sum();
    }

    /**
     * Has the file opened anew, as after it was renamed. Completes, on the log's thread, when nothing is written to the old file any more; fails
     * with an {@link IOException}, and goes on as before, when the new one cannot be opened.
     */
    public CompletableFuture<Void> reopen() {
        CompletableFuture<Void> reopening = new CompletableFuture<>();
        reopenings.add(reopening);
        LockSupport.unpark(writer);
        if (!writer.isAlive()) {
            reopenAsAsked();
        }
        return reopening;
    }

    private void reopenAsAsked() {
        CompletableFuture<Void> asked = reopenings.poll();
        while (asked != null) {
            try {
                if (file == null || closed) {
                    throw new IOException("there is no open file");
                }
                file.reopen();
                asked.complete(null);
            } catch (IOException e) {
                asked.completeExceptionally(e);
            }
            asked = reopenings.poll();
        }
    }

    private void run() {
        List<AccessLogEntry> batch = new ArrayList<>(BATCH);
        while (!closed || !queue.isEmpty()) {
            queue.drainTo(batch, BATCH);
            int taken = batch.size();
            reopenAsAsked();
            if (taken > 0) {
                write(batch);
                batch.clear();
            }
            if (taken < BATCH && !closed) {
                LockSupport.parkNanos(taken == 0 ? IDLE_NANOS : GATHER_NANOS);
            }
        }
        reopenAsAsked();
    }

    private void write(List<AccessLogEntry> batch) {
        lines.clear();
        for (AccessLogEntry entry : batch) {
            format.write(entry, lines);
            if (file == null) {
                LINES.info("{}", lines.toString());
                written.increment();
                lines.clear();
            } else {
                lines.raw('\n');
            }
        }
        if (file != null) {
            append(file, batch.size());
        }
    }

    private void append(LogFile to, int count) {
        ByteBuffer bytes = lines.written();
        try {
            to.append(bytes);
            written.add(count);
        } catch (IOException e) {
            long lost = lines(bytes);
            written.add(count - lost);
            dropped.add(lost);
            LOG.warn("access log: {} lines lost", lost, e);
        }
    }

    private static long lines(ByteBuffer bytes) {
        long count = 0;
        while (bytes.hasRemaining()) {
            count += bytes.get() == '\n' ? 1 : 0;
        }
        return count;
    }

    /** Writes what is queued, then closes the file. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(STOP_MILLIS);
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            LOG.warn("access log: not closed properly", e);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
