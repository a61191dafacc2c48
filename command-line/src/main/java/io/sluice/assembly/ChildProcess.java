package io.sluice.assembly;

import io.sluice.service.lifecycle.Component;
import io.sluice.service.lifecycle.StartException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part in a process of its own, which is started again when it ends by itself. It stops when its standard input ends; so it also stops
 * when this process dies, however that happens. All state is guarded by the object's lock.
 */
final class ChildProcess implements Component {
    /** The line with which a part says that it has started. */
    static final String READY = "ready";

    private static final Logger LOG = LoggerFactory.getLogger(ChildProcess.class);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

    /** A process that ran this long did not fail because of how it was started. */
    private static final Duration STEADY = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final Part part;
    private final DataFolder folder;
    private final LongSupplier nanoTime;
    private @Nullable Process process;
    private long startedAt;
    private Duration backoff = FIRST_BACKOFF;
    private boolean stopping;

    ChildProcess(Vertx vertx, Part part, DataFolder folder, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.part = part;
        this.folder = folder;
        this.nanoTime = nanoTime;
    }

    @Override
    public String name() {
        return part.name();
    }

    @Override
    public Future<Void> start() {
        return vertx.executeBlocking(this::launch, false).compose(ready -> ready);
    }

    @Override
    public Future<Void> stop() {
        Process running;
        synchronized (this) {
            stopping = true;
            running = process;
        }
        if (running == null || !running.isAlive()) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(
                () -> {
                    running.getOutputStream().close();
                    running.waitFor();
                    return null;
                },
                false);
    }

    /** Kills what did not stop in time. */
    void kill() {
        synchronized (this) {
            stopping = true;
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** Starts the process; the inner future completes when it says that it is ready. */
    private synchronized Future<Void> launch() throws IOException {
        if (stopping) {
            return Future.failedFuture(new StartException(part.name() + " is being stopped"));
        }
        ProcessBuilder builder = new ProcessBuilder(command()).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(part.environment());
        Process started = builder.start();
        process = started;
        startedAt = nanoTime.getAsLong();
        folder.write(folder.pid(part.name()), started.pid() + "\n");
        Promise<Void> ready = Promise.promise();
        Thread reader = new Thread(() -> watch(started, ready), part.name() + "-output");
        reader.setDaemon(true);
        reader.start();
        return ready.future();
    }

    /** An interrupt at the terminal reaches all processes in it; children leave it to their parent, which stops them in order. */
    private List<String> command() {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$0\" \"$@\""));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String options = part.environment().getOrDefault("SLUICE_JAVA_OPTS", "");
        Arrays.stream(options.split("\\s+", -1)).filter(o -> !o.isEmpty()).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.sluice.Main"));
        command.addAll(List.of(part.kind().command(), "--attached"));
        Path settings = part.settings();
        if (settings != null) {
            command.add(settings.toString());
        }
        return command;
    }

    private void watch(Process started, Promise<Void> ready) {
        readOutput(started, ready);
        try {
            started.waitFor();
            exited(started, ready);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readOutput(Process started, Promise<Void> ready) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(READY)) {
                    ready.tryComplete();
                } else {
                    LOG.info("{}: {}", part.name(), line);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("{}: its output ended", part.name(), e);
        }
    }

    private synchronized void exited(Process ended, Promise<Void> ready) {
        String how = "ended with exit code " + ended.exitValue();
        if (ready.tryFail(new StartException(part.name() + " did not start: it " + how)) || stopping) {
            return;
        }
        long ran = nanoTime.getAsLong() - startedAt;
        backoff = ran > STEADY.toNanos() ? FIRST_BACKOFF : backoff;
        LOG.warn("{} {}; it is started again in {} ms", part.name(), how, backoff.toMillis());
        again();
    }

    private synchronized void again() {
        long delay = backoff.toMillis();
        backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) > 0 ? LONGEST_BACKOFF : backoff.multipliedBy(2);
        vertx.setTimer(
                delay,
                id -> start().onFailure(failure -> {
                    LOG.warn("{} could not be started again: {}", part.name(), failure.getMessage());
                    synchronized (this) {
                        if (!stopping) {
                            again();
                        }
                    }
                }));
    }
}
