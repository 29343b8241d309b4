package v1

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

type CoreV1Interface interface {
	Pods(namespace string) PodInterface
	ConfigMaps(namespace string) ConfigMapInterface
	RESTClient() rest.Interface
}

type PodInterface interface {
	List(context.Context, metav1.ListOptions) (*corev1.PodList, error)
}

type ConfigMapInterface interface {
	Create(context.Context, *corev1.ConfigMap, metav1.CreateOptions) (*corev1.ConfigMap, error)
	Update(context.Context, *corev1.ConfigMap, metav1.UpdateOptions) (*corev1.ConfigMap, error)
	Delete(context.Context, string, metav1.DeleteOptions) error
}
