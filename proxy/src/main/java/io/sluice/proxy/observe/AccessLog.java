package io.sluice.proxy.observe;

import io.sluice.proxy.forward.ExchangeObserver;
import io.sluice.proxy.forward.FinishedExchange;
import io.sluice.proxy.route.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON line for each request, with all its attempts. Event loops only put a record into a bounded queue; one thread of its own makes the
 * lines and writes them. When it cannot keep up, or the disk cannot, lines are dropped and counted: traffic never waits for its log.
 */
public final class AccessLog implements ExchangeObserver, AutoCloseable {
    private static final int BATCH = 512;
    /** Lines are gathered for so long, so that traffic does not wake this thread for each of them. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final long STOP_MILLIS = 5_000;
    private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
    private static final Logger LINES = LoggerFactory.getLogger("access");

    private final Clock clock;
    private final BlockingQueue<AccessLogEntry> queue;
    private final LongAdder dropped = new LongAdder();
    private final @Nullable Writer file;
    private final Thread writer;
    private volatile boolean closed;

    /** Opens the file, if one is configured, and starts to write. Throws {@link UncheckedIOException} when it cannot be opened. */
    public AccessLog(AccessLogSettings settings, Clock clock) {
        this.clock = clock;
        this.queue = new ArrayBlockingQueue<>(settings.queue());
        this.file = settings.file() == null ? null : open(settings.file());
        this.writer = new Thread(this::run, "access-log");
        writer.setDaemon(true);
        writer.start();
    }

    private static Writer open(Path file) {
        try {
            return Files.newBufferedWriter(
                    file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
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

    /** Lines that were not written. */
    public long dropped() {
        return dropped.sum();
    }

    private void run() {
        List<AccessLogEntry> batch = new ArrayList<>(BATCH);
        while (!closed || !queue.isEmpty()) {
            queue.drainTo(batch, BATCH);
            boolean more = batch.size() == BATCH;
            if (!batch.isEmpty()) {
                write(batch);
                batch.clear();
            }
            if (!more && !closed) {
                LockSupport.parkNanos(GATHER_NANOS);
            }
        }
    }

    private void write(List<AccessLogEntry> batch) {
        StringBuilder text = new StringBuilder();
        for (AccessLogEntry entry : batch) {
            if (file == null) {
                text.setLength(0);
            }
            entry.writeTo(text);
            if (file == null) {
                LINES.info("{}", text);
            } else {
                text.append('\n');
            }
        }
        if (file != null) {
            append(file, text, batch.size());
        }
    }

    private void append(Writer to, StringBuilder text, int lines) {
        try {
            to.append(text);
            to.flush();
        } catch (IOException e) {
            dropped.add(lines);
            LOG.warn("access log: {} lines lost", lines, e);
        }
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
