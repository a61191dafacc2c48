package io.sluice.proxy.leak;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class when Netty reports that a buffer was collected without having been released. Registered for all test classes by
 * {@code META-INF/services}; Netty looks for leaks only with {@code -Dio.netty.leakDetection.level=paranoid}, which the build sets.
 */
public final class LeakCheck implements AfterAllCallback {
    private static final long COLLECTION_MILLIS = 2_000;
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();

    static {
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                REPORTS.add(event.getFormattedMessage());
            }
        };
        appender.start();
        ((Logger) LoggerFactory.getLogger(ResourceLeakDetector.class)).addAppender(appender);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (ResourceLeakDetector.isEnabled()) {
            collect();
            // Leaks of what was collected are reported when the next buffer is made.
            PooledByteBufAllocator.DEFAULT.directBuffer().release();
        }
        String report = REPORTS.poll();
        if (report != null) {
            REPORTS.clear();
            throw new AssertionError("a buffer was not released, in this class or one before it: " + report);
        }
    }

    /** Returns when something that became unreachable a moment ago was found to be so, and everything before it too. */
    private static void collect() throws InterruptedException {
        ReferenceQueue<Object> found = new ReferenceQueue<>();
        PhantomReference<Object> canary = new PhantomReference<>(new Object(), found);
        System.gc();
        if (found.remove(COLLECTION_MILLIS) != canary) {
            throw new AssertionError("nothing was collected; leaks cannot be told");
        }
    }
}
