package io.sluice.service.lifecycle;

import io.sluice.service.settings.InvalidSettingsException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a component as a process: starts it, waits for SIGTERM or SIGINT, stops it. The exit code is 0 after a clean stop, 2 for settings
 * that cannot be used (all problems go to the error output), 1 for anything else. Blocks the calling thread, which is {@code main}.
 */
public final class ProcessRunner {
    public static final int STOPPED = 0;
    public static final int FAILED = 1;
    public static final int INVALID_SETTINGS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(ProcessRunner.class);

    private final PrintStream errors;
    private final Duration stopDeadline;
    private final Runnable onReady;

    /**
     * @param errors where messages for the operator go when the start fails
     * @param stopDeadline how long the whole stop may take before the process ends with code 1
     * @param onReady called once, on the calling thread, when the component has started
     */
    public ProcessRunner(PrintStream errors, Duration stopDeadline, Runnable onReady) {
        this.errors = errors;
        this.stopDeadline = stopDeadline;
        this.onReady = onReady;
    }

    /** Runs until a signal comes or the start fails; returns the exit code. */
    public int run(Callable<? extends Component> assemble) {
        try {
            return runUntilSignalled(assemble.call());
        } catch (InvalidSettingsException e) {
            errors.println("The settings cannot be used:");
            errors.print(e.table());
            return INVALID_SETTINGS;
        } catch (StartException e) {
            errors.println(e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        } catch (Exception e) {
            LOG.error("cannot start", e);
            errors.println("cannot start: " + e);
            return FAILED;
        }
    }

    private int runUntilSignalled(Component component) throws Exception {
        CountDownLatch exited = new CountDownLatch(1);
        Thread hook = new Thread(() -> stopAndHalt(component, exited), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            start(component);
        } catch (Exception e) {
            if (removed(hook)) {
                throw e;
            }
        }
        onReady.run();
        // Only the hook ends a started process; it halts the JVM, so this wait never returns.
        exited.await();
        return STOPPED;
    }

    private static void start(Component component) throws Exception {
        try {
            component.start().toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stoppingAlready) {
            return false;
        }
    }

    /** A JVM that a signal ends would exit with 128 + signal, so a clean stop halts it with 0. */
    private void stopAndHalt(Component component, CountDownLatch exited) {
        int code = stop(component);
        exited.countDown();
        errors.flush();
        Runtime.getRuntime().halt(code);
    }

    private int stop(Component component) {
        LOG.info("{} stops", component.name());
        try {
            component
                    .stop()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(stopDeadline.toMillis(), TimeUnit.MILLISECONDS);
            LOG.info("{} stopped", component.name());
            return STOPPED;
        } catch (TimeoutException e) {
            LOG.error("{} did not stop within {} ms", component.name(), stopDeadline.toMillis());
        } catch (ExecutionException e) {
            LOG.error("{} did not stop cleanly", component.name(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{} did not stop cleanly", component.name(), e);
        }
        return FAILED;
    }
}
