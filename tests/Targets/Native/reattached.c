// Shared memory that is detached, and other memory attached in its place: no event reports it, and the mappings look the same.
// usage: reattached SECONDS
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    size_t bytes = 1 << 20;
    int segments[2] = { shmget(IPC_PRIVATE, bytes, 0600), shmget(IPC_PRIVATE, bytes, 0600) };
    int result = argc != 2 || segments[0] < 0 || segments[1] < 0 ? 2 : 0;
    char *place = shmat(segments[0], 0, 0);
    time_t end = time(0) + (result ? 0 : atoi(argv[1]));
    for (int i = 1; result == 0 && time(0) < end; i++) {
        memset(place, i, bytes);
        usleep(3000);
        if (shmdt(place) || shmat(segments[i % 2], place, 0) != place)
            result = 3;
        else
            place[i % bytes] = (char)i;
        usleep(3000);
    }
    shmctl(segments[0], IPC_RMID, 0);
    shmctl(segments[1], IPC_RMID, 0);
    return result;
}
