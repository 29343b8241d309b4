package kubernetes

import (
	appsv1 "k8s.io/client-go/kubernetes/typed/apps/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

type Clientset struct{}

func NewForConfig(*rest.Config) (*Clientset, error) { return nil, rest.ErrNoKubernetes }

func (*Clientset) AppsV1() appsv1.AppsV1Interface { return nil }

func (*Clientset) CoreV1() corev1.CoreV1Interface { return nil }
