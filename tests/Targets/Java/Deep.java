// A target for a core: a thread that waits at a known depth, and one that makes objects.
public final class Deep {
    static volatile long made;

    static void deep(int depth) {
        if (depth > 0) {
            deep(depth - 1);
            return;
        }
        System.out.println("ready");
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    static void makeObjects() {
        byte[][] kept = new byte[100][];
        while (true) {
            kept[(int) (made % kept.length)] = new byte[1000];
            made++;
        }
    }

    public static void main(String[] arguments) {
        new Thread(Deep::makeObjects, "maker").start();
        new Thread(() -> deep(Integer.parseInt(arguments[0])), "sleeper").start();
    }
}
