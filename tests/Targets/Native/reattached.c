// Shared memory that is detached and attached again at its address: no event tells of it, and the mappings look the same.
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
    int first = shmget(IPC_PRIVATE, bytes, 0600), second = shmget(IPC_PRIVATE, bytes, 0600);
    if (argc != 2 || first < 0 || second < 0)
        return 2;
    char *place = shmat(first, 0, 0), *other = shmat(second, 0, 0);
    shmctl(first, IPC_RMID, 0);
    shmctl(second, IPC_RMID, 0);
    time_t end = time(0) + atoi(argv[1]);
    for (int i = 0; time(0) < end; i++) {
        memset(place, i, bytes);
        usleep(3000);
        if (shmdt(place) || shmat(i % 2 ? first : second, place, SHM_REMAP) != place)
            return 3;
        place[i % bytes] = (char)i;
        usleep(3000);
    }
    (void)other;
    return 0;
}
