package io.sluice.service.log;

import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.spi.MDCAdapter;

/** What Logback asks for a line's context: the thread's own MDC plus the {@link RequestId} of the Vert.x context. */
final class RequestIdContext implements MDCAdapter {
    @Override
    public Map<String, String> getCopyOfContextMap() {
        Map<String, String> own = thread().getCopyOfContextMap();
        Optional<String> id = RequestId.current();
        if (id.isEmpty()) {
            return own == null ? Map.of() : own;
        }
        Map<String, String> both = own == null ? new HashMap<>() : new HashMap<>(own);
        both.putIfAbsent(RequestId.LOG_KEY, id.get());
        return both;
    }

    @Override
    public void put(String key, @Nullable String value) {
        thread().put(key, value);
    }

    @Override
    public @Nullable String get(String key) {
        String value = thread().get(key);
        return value == null && key.equals(RequestId.LOG_KEY)
                ? RequestId.current().orElse(null)
                : value;
    }

    @Override
    public void remove(String key) {
        thread().remove(key);
    }

    @Override
    public void clear() {
        thread().clear();
    }

    @Override
    public void setContextMap(Map<String, String> map) {
        thread().setContextMap(map);
    }

    @Override
    public void pushByKey(String key, @Nullable String value) {
        thread().pushByKey(key, value);
    }

    @Override
    public @Nullable String popByKey(String key) {
        return thread().popByKey(key);
    }

    @Override
    public @Nullable Deque<String> getCopyOfDequeByKey(String key) {
        return thread().getCopyOfDequeByKey(key);
    }

    @Override
    public void clearDequeByKey(String key) {
        thread().clearDequeByKey(key);
    }

    /** Asked for each time: SLF4J replaces it when it has found its provider. */
    private static MDCAdapter thread() {
        return MDC.getMDCAdapter();
    }
}
