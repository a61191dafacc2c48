package io.sluice.service.lifecycle;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system other than those that end a process. The JDK has them in a module that every JVM brings but that is not part of the
 * platform's standard, so it is asked for by name, and where it is missing nothing happens.
 */
public final class ProcessSignals {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessSignals.class);

    /** Those that the JVM does not take when they are ignored; any other it does. */
    private static final Set<String> LEFT_IGNORED = Set.of("HUP", "INT", "TERM");

    private ProcessSignals() {}

    /**
     * Calls {@code action}, on a thread of the JVM, whenever this process gets a signal, in place of what the signal did before. Where the process was
     * started with SIGHUP ignored, as by nohup, the JVM leaves it at that, and nothing is called.
     *
     * @param name without {@code SIG}
     * @return false when this JVM or system does not let us
     */
    public static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object calling = Proxy.newProxyInstance(
                    handler.getClassLoader(),
                    new Class<?>[] {handler},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "handle" -> {
                            action.run();
                            yield null;
                        }
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> "handler of SIG" + name;
                    });
            Object before = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), calling);
            boolean ignored = LEFT_IGNORED.contains(name)
                    && handler.getField("SIG_IGN").get(null).equals(before);
            if (ignored) {
                LOG.warn("this process was started with SIG{} ignored, as nohup does: it will have no effect", name);
            }
            return !ignored;
        } catch (InvocationTargetException e) {
            LOG.warn("SIG{} cannot be handled here: {}", name, String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            LOG.warn("SIG{} cannot be handled here: {}", name, e.toString());
        }
        return false;
    }
}
